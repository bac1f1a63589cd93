"""Endpoints: deployed, watched, started again, stopped. Serving itself is another process."""
