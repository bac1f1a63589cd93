# Idiom of sample 02: a script is trained once, then its kernel and penalty are tuned, and the best model is registered.
import json

from azureml.core import Experiment, ScriptRunConfig, Workspace
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.core.compute_target import ComputeTargetException
from azureml.train.hyperdrive.parameter_expressions import choice
from azureml.train.hyperdrive.runconfig import HyperDriveConfig
from azureml.train.hyperdrive.sampling import RandomParameterSampling
from azureml.train.hyperdrive.run import PrimaryMetricGoal
from azureml.widgets import RunDetails

ws = Workspace.from_config()
cluster_name = 'cpu-cluster'
try:
    compute_target = ComputeTarget(workspace=ws, name=cluster_name)
except ComputeTargetException:
    config = AmlCompute.provisioning_configuration(vm_size='STANDARD_D2_V2', max_nodes=4)
    compute_target = ComputeTarget.create(ws, cluster_name, config)
    compute_target.wait_for_completion(show_output=True, min_node_count=None, timeout_in_minutes=20)

experiment = Experiment(workspace=ws, name='train_iris')
src = ScriptRunConfig(source_directory='.', script='train_iris.py', arguments=['--kernel', 'linear', '--penalty', 1.0],
                      compute_target=compute_target)
run = experiment.submit(src)
run.wait_for_completion()

param_sampling = RandomParameterSampling({
    '--kernel': choice('linear', 'rbf'),
    '--penalty': choice(0.5),
})
hyperdrive_config = HyperDriveConfig(run_config=src,
                                     hyperparameter_sampling=param_sampling,
                                     primary_metric_name='Accuracy',
                                     primary_metric_goal=PrimaryMetricGoal.MAXIMIZE,
                                     max_total_runs=12,
                                     max_concurrent_runs=4)
hyperdrive_run = experiment.submit(hyperdrive_config)
print(hyperdrive_run.id)
RunDetails(hyperdrive_run).show()
hyperdrive_run.wait_for_completion(show_output=True)
print(hyperdrive_run.get_status())
assert hyperdrive_run.get_status() == 'Completed'

best_run = hyperdrive_run.get_best_run_by_primary_metric()
ranked = hyperdrive_run.get_children_sorted_by_primary_metric()
print('best of {}: {:.2f}'.format(len(ranked), ranked[0]['best_primary_metric']))
print(json.loads(ranked[0]['hyperparameters']))
print(best_run.get_details()['runDefinition']['arguments'])
print(best_run.get_file_names())
model = best_run.register_model(model_name='sklearn-iris', model_path='outputs/model.joblib')
print(model.name, model.version)

kinds = [one.type for one in experiment.get_runs(include_children=True)]
print('{} runs: {} hyperdrive'.format(len(kinds) - 1, kinds.count('hyperdrive')))
