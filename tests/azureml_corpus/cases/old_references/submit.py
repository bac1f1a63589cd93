# Idiom of 2019: data references in an Estimator and a RunConfiguration, submit with show_output, tags of experiments.
from azureml.core import Experiment, ScriptRunConfig, Workspace
from azureml.core.datastore import Datastore
from azureml.core.runconfig import RunConfiguration
from azureml.train.estimator import Estimator

ws = Workspace.from_config()
ds = Datastore.get(ws, 'workspaceblobstore')
ds.upload(src_dir='./data', target_path='patients', overwrite=True, show_progress=True)
exp = Experiment(workspace=ws, name='references')
est = Estimator(source_directory='code', script_params={'--data-folder': ds.path('patients').as_mount()},
                compute_target='local', entry_script='train.py', use_docker=False)
run = exp.submit(est)
run.wait_for_completion(show_output=True)
print(run.get_metrics())

config = RunConfiguration(framework='python')
config.target = 'local'
config.auto_prepare_environment = True
src = ScriptRunConfig('code', 'train.py', ['--data-folder', ds.path('patients').as_download()], run_config=config)
again = exp.submit(src, show_output=True)
print(again.get_status(), again.number)
exp.set_tags({'era': '2019'})
print(exp.tags, [r.number for r in exp.get_runs()])
