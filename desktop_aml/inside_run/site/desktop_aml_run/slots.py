"""The form of a mapped file of numbers: slots of 32 bytes, see `desktop_aml_run.scalars`, which writes them.

Standard library only, Python 3.6 to 3.14; the application reads the same form, see `desktop_aml.domain.journals.slots`.
"""

import struct

VARIABLE = "DESKTOP_AML_SCALARS"
"""Says ``mapped`` where whoever started the run reads its folder on this computer."""

SUFFIX = ".scalars"
MAGIC = b"DAML scalars 1\0\0"
SLOT = struct.Struct("@ddqHxBI")
"""Unix time in seconds, value, step, number of the name, kind, mark."""

WHOLE_SLOT = struct.Struct("@dqqHxBI")
"""As `SLOT`, of a whole number."""

PART = struct.Struct("@27sBI")
"""A slot that goes on with the text of the one before it."""

HEAD, NAME, TEXT, MORE = b"HNTC"
FLOAT, FLOAT_AT, WHOLE, WHOLE_AT = b"fFiI"
"""Kinds: the first slot; a name, or the JSON of a scalar that is no number, and what goes on with it; scalars without
and with a step."""

PART_BYTES = 27
MOST_TEXT_BYTES = 1 << 16
MOST_NAMES = 1 << 16
MASK = 0xFFFFFFFF
"""A slot's mark is this much of its place in bytes and the mark of the first slot together."""
