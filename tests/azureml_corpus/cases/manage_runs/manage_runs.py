# Idiom of sample 08: start, complete, fail, cancel, tag, describe and find runs.
import azureml.core
from azureml.core import Experiment, Run, ScriptRunConfig, Workspace

ws = Workspace.from_config()
exp = Experiment(workspace=ws, name='explore-runs')

notebook_run = exp.start_logging()
notebook_run.log(name='message', value='Hello from run!')
print(notebook_run.get_status())
notebook_run.complete()
print(notebook_run.get_status())

local_script_run = exp.submit(ScriptRunConfig(source_directory='.', script='hello.py'))
local_script_run.wait_for_completion(show_output=True)
print(local_script_run.get_metrics())

local_script_run.add_properties({'author': 'azureml-user'})
print(local_script_run.get_properties()['author'])
try:
    local_script_run.add_properties({'author': 'different-user'})
except Exception as e:
    print('properties stay:', type(e).__name__)
local_script_run.tag('quality', 'great run')
local_script_run.tag('quality', 'fantastic run')
local_script_run.tag('worth another look')
print(local_script_run.get_tags())
print([run.id == local_script_run.id for run in exp.get_runs(properties={'author': 'azureml-user'}, tags={'quality': 'fantastic run'})])
print(len(list(exp.get_runs(tags='worth another look'))))

canceled = exp.submit(ScriptRunConfig(source_directory='.', script='hello_with_delay.py'))
canceled.cancel()
canceled.wait_for_completion()
print(canceled.get_status())

failed = exp.start_logging(snapshot_directory=None)
failed.fail(error_details='on purpose')
print(failed.get_status())

with exp.start_logging(snapshot_directory=None) as parent_run:
    for c, count in enumerate(range(2)):
        with parent_run.child_run() as child:
            child.log(name='Hello from child run', value=c)
    for child in parent_run.create_children(2):
        child.complete()
print(len(list(parent_run.get_children())), parent_run.get_metrics(recursive=True) != {})
print(Run.get(ws, parent_run.id).get_status())
