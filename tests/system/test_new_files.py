"""New files under names that nobody knows."""

from __future__ import annotations

import os
from pathlib import Path

from desktop_aml.system.new_files import PRIVATE, new_in


def test_a_new_file_is_private_and_no_child_has_it_and_none_has_the_name_of_another(tmp_path: Path) -> None:
    made = [new_in(tmp_path, ".a.", ".new", reads=True) for _ in range(3)]
    assert {Path(name) for _, name in made} == set(tmp_path.iterdir())
    for handle, name in made:
        assert Path(name).stat().st_mode & 0o777 == PRIVATE
        assert not os.get_inheritable(handle)
        assert os.write(handle, b"x") == 1
        assert os.pread(handle, 2, 0) == b"x"
        os.close(handle)
