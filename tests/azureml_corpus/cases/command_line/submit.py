# Idiom of samples whose run is a command line: one step makes the data, the next one trains on them.
from azureml.core import Environment, Experiment, ScriptRunConfig, Workspace

ws = Workspace.from_config()
env = Environment('steps')
env.python.user_managed_dependencies = True
env.environment_variables = {'ROWS': '20'}
steps = ['python prepare.py --rows $ROWS', 'python -u train.py --data "prepared rows.csv"']
config = ScriptRunConfig(source_directory='src', command=' && '.join(steps), environment=env)
run = Experiment(ws, 'steps').submit(config)
run.wait_for_completion(show_output=True)
print('workspace', ws._workspace_name == ws.name)
print('metrics', run.get_metrics())
failing = ScriptRunConfig(source_directory='src', command=['python', 'train.py', '&&', 'echo', 'never'], environment=env)
run = Experiment(ws, 'steps').submit(failing)
run.wait_for_completion(raise_on_error=False)
print('second', run.get_status())
