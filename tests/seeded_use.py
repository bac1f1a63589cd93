"""How the endpoint of the seeded workspace was used: some errors, and a pause."""

from __future__ import annotations

import time


def seeded_use(at: float) -> dict[str, object]:
    """Return what the front of an endpoint would have written down, that serves since 4,000 s before `at`."""
    now = time.time() // 5 * 5
    spans = [
        {"begun": now - 5 * n, "count": 20 + n % 7 * 3, "refused": int(n % 11 == 3), "failed": 0}
        | {"mean_ms": 1.2 + n % 5 / 10, "most_ms": 3.1 + n % 9 / 4}
        for n in reversed(range(60))
        if not 20 < n < 24
    ]
    requests = [
        {"at": now - n / 7, "status": 400 if n == 17 else 200, "took_ms": 1.21 + n % 9 / 8}
        | ({} if n == 17 else {"rows": 1 + n % 3 * 40})
        for n in reversed(range(100))
    ]
    figures = {"answered": 18_231, "refused": 14, "failed": 2, "last_minute": 341, "median_ms": 1.283, "most_ms": 4.71}
    return {"since": at - 4000, "at": at, **figures, "spans": spans, "requests": requests}
