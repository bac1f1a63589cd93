from azureml.core.run import Run

run = Run.get_context()
run.log(name='Hello from run', value=1)
print('Hello')
