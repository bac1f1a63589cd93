"""What those who come from MLflow know: its server for other tools, and its filters."""
