"""The model registry, the page of a model, and the dialogs that register and deploy one."""
