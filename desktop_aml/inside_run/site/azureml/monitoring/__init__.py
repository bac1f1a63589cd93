"""Keeping what an endpoint was asked and what it answered."""

from azureml.monitoring._collector import ModelDataCollector

__all__ = ["ModelDataCollector"]
