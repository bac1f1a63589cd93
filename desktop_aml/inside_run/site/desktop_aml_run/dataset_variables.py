"""Names under which a run's datasets stand in its variables and properties: written by `azureml.data`, read by all."""

INPUTS = "AZUREML_DATASET_ENVIRONMENT_VARS"
"""``name:mode`` of each input, with commas; the variable `name` holds an id (mode ``direct``) or a path."""

INPUT_IDS = "DESKTOP_AML_INPUT_IDS"
"""``name:id`` of each input, with commas."""

INPUT_PLACES = "DESKTOP_AML_INPUT_PLACES"
"""Paths of inputs that lie outside the workspace, quoted as in addresses, with commas."""

OUTPUTS = "AZUREML_DATASET_FILE_OUTPUTS"
"""Names of the output folders, with commas; the variable of each name holds its path."""

REGISTERED_OUTPUT = "AZUREML_OUTPUT_DATASET_"
"""What the variable begins with that says how to register an output, see `engine.output_datasets.OutputDataset`."""

TAKEN = "azureml.input_dataset."
"""What the property begins with that holds the id of a dataset which a script assigned as its input."""
