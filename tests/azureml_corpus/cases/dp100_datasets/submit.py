# Idiom of the DP-100 lab on datasets: upload, register, versions, a table as input, files as a folder.
from azureml.core import Dataset, Experiment, ScriptRunConfig, Workspace

ws = Workspace.from_config()
default_ds = ws.get_default_datastore()
for ds_name in ws.datastores:
    print(ds_name, '- Default =', ds_name == default_ds.name)
default_ds.upload_files(files=['./data/patients.csv'], target_path='diabetes-data/', overwrite=True, show_progress=True)

if 'diabetes dataset' not in ws.datasets:
    tab_data_set = Dataset.Tabular.from_delimited_files(path=(default_ds, 'diabetes-data/*.csv'))
    tab_data_set.take(20).to_pandas_dataframe()
    try:
        tab_data_set = tab_data_set.register(workspace=ws, name='diabetes dataset', description='diabetes data',
                                             tags={'format': 'CSV'}, create_new_version=True)
    except Exception as ex:
        print(ex)
file_data_set = Dataset.File.from_files(path=(default_ds, 'diabetes-data/*.csv'))
for file_path in file_data_set.to_path():
    print(file_path)
file_data_set.register(workspace=ws, name='diabetes file dataset', tags={'format': 'CSV'}, create_new_version=True)
for dataset_name in list(ws.datasets.keys()):
    dataset = Dataset.get_by_name(ws, dataset_name)
    print('\t', dataset.name, 'version', dataset.version)

experiment = Experiment(workspace=ws, name='diabetes-data')
diabetes_ds = ws.datasets.get('diabetes dataset')
table = ScriptRunConfig(source_directory='tabular', script='train.py',
                        arguments=['--ignored', diabetes_ds.as_named_input('diabetes')])
files = ScriptRunConfig(source_directory='files', script='train.py',
                        arguments=['--input-data', ws.datasets.get('diabetes file dataset').as_named_input('training_files').as_download()])
for config in (table, files):
    run = experiment.submit(config=config)
    run.wait_for_completion()
    print(run.get_metrics())
