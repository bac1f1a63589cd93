"""Parts of the Azure ML SDK that were kept apart from its core."""
