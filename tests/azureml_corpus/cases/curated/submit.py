# Idiom of samples with curated environments: found by name, cloned, one package added, used for a run.
from azureml.core import Environment, Experiment, ScriptRunConfig, Workspace

ws = Workspace.from_config()
for name in Environment.list(workspace=ws):
    if name.startswith('AzureML'):
        print('Name', name)
print(Environment.get(workspace=ws, name='AzureML-Tutorial').name)
env = Environment.get(workspace=ws, name='AzureML-Minimal')
curated_clone = env.clone('customize_curated')
src = ScriptRunConfig(source_directory='.', script='train.py', environment=curated_clone)
run = Experiment(ws, 'curated').submit(src)
run.wait_for_completion(show_output=True)
print(run.get_metrics())
print(run.get_environment().name)
