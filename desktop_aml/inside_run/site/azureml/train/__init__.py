"""Estimators of the older Azure ML SDK; a `ScriptRunConfig` with other words."""
