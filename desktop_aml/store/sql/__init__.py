"""Questions in SQL that people ask: views, and what guards them."""
