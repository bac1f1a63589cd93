# Idiom of samples with OutputFileDatasetConfig: one run prepares, its folder is a dataset, the client reads it.
from azureml.core import Dataset, Experiment, ScriptRunConfig, Workspace
from azureml.data import OutputFileDatasetConfig

ws = Workspace.from_config()
datastore = ws.get_default_datastore()
prepared = OutputFileDatasetConfig(name='prepared', destination=(datastore, 'prepared/data')).register_on_complete(name='prepared data')
src = ScriptRunConfig(source_directory='src', script='prepare.py', arguments=['--output', prepared.as_mount()], compute_target='local')
run = Experiment(ws, 'prepare').submit(src, tags={'step': 'prepare'})
run.wait_for_completion(wait_post_processing=True)
frame = Dataset.Tabular.from_delimited_files((datastore, 'prepared/data/*.csv')).to_pandas_dataframe()
print('sum', frame['a'].sum(), run.get_tags())
