# Idiom of sample 03, the notebook: this computer's own Python, then the best of what was logged.
import sys

from azureml.core import Experiment, ScriptRunConfig, Workspace
from azureml.core.environment import Environment
from azureml.widgets import RunDetails

ws = Workspace.from_config()
print(ws.name, ws.resource_group, ws.location, ws.subscription_id, sep='\t')
exp = Experiment(workspace=ws, name='train-on-local')

user_managed_env = Environment('user-managed-env')
user_managed_env.python.user_managed_dependencies = True
user_managed_env.python.interpreter_path = sys.executable
user_managed_env.docker.enabled = False

src = ScriptRunConfig(source_directory='./', script='train.py')
src.run_config.environment = user_managed_env
run = exp.submit(src)
RunDetails(run).show()
run.wait_for_completion(show_output=True)
details = run.get_details()
print(details['status'], details['target'], sorted(details['logFiles'])[:1])
metrics = run.get_metrics()
best_alpha = metrics['alpha'][metrics['mse'].index(min(metrics['mse']))]
print('best alpha', best_alpha)
print('outputs/done.txt' in run.get_file_names())
model = run.register_model(model_name='done', model_path='outputs/done.txt')
print(model.name, model.id, model.version, sep='\t')
