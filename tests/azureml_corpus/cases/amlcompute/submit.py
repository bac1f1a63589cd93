# Idiom of sample 04: a cluster that is looked for, made when it is missing, used and removed.
from azureml.core import Experiment, ScriptRunConfig, Workspace
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.core.compute_target import ComputeTargetException
from azureml.core.runconfig import DockerConfiguration

ws = Workspace.from_config()
experiment = Experiment(workspace=ws, name='train-on-amlcompute')
print(AmlCompute.supported_vmsizes(workspace=ws) is not None)

cpu_cluster_name = 'cpu-cluster'
try:
    cpu_cluster = ComputeTarget(workspace=ws, name=cpu_cluster_name)
    print('Found an existing cluster, use it.')
except ComputeTargetException:
    compute_config = AmlCompute.provisioning_configuration(
        vm_size='STANDARD_D2_V2', min_nodes=0, max_nodes=4, idle_seconds_before_scaledown=2400)
    cpu_cluster = ComputeTarget.create(ws, cpu_cluster_name, compute_config)
cpu_cluster.wait_for_completion(show_output=True)
print(cpu_cluster.name in ws.compute_targets, cpu_cluster.type, cpu_cluster.provisioning_state)

docker_config = DockerConfiguration(use_docker=False)
src = ScriptRunConfig(source_directory='.', script='train.py', arguments=['--regularization', 0.5],
                      compute_target=cpu_cluster, docker_runtime_config=docker_config)
run = experiment.submit(config=src)
run.wait_for_completion(show_output=True)
print(run.get_metrics())
print(run.get_details()['runDefinition']['arguments'])
print(cpu_cluster.get_status().serialize() is not None)
cpu_cluster.delete()
