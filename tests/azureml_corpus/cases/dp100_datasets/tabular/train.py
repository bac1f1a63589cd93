from azureml.core import Run

run = Run.get_context()
diabetes = run.input_datasets['diabetes'].to_pandas_dataframe()
run.log('rows', len(diabetes))
run.log('label', diabetes['Diabetic'].mean())
run.complete()
