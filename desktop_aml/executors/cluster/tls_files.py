"""Whether the files by which one proves to a scheduler who one is can be used at all. Knows nothing of Dask."""

from __future__ import annotations

from desktop_aml.domain.targets import TlsFiles


def obstacle_in(tls: TlsFiles) -> str:
    """Return in words why three files prove nothing to anybody; empty when they can be used, or there are none."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if tls.ca:
            context.load_verify_locations(cafile=tls.ca)
    except OSError as error:
        return f"“{tls.ca}” holds no certificate ({_reason(error)})"
    try:
        if tls.certificate:
            # A key with a pass phrase would ask for it on the terminal.
            context.load_cert_chain(tls.certificate, tls.key or None, password=lambda: "")
    except OSError as error:
        if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
            return f"“{tls.key}” is not the key of the certificate in “{tls.certificate}”"
        return f"“{tls.certificate}” and “{tls.key}” hold no certificate and key without pass phrase ({_reason(error)})"
    return ""


def _reason(error: OSError) -> str:
    return str(getattr(error, "reason", "") or error.strerror or error)
