# Idiom of the seed document: from a specification to a model that answers, in one go.
import json

from azureml.core import Environment, Experiment, Model, ScriptRunConfig, Workspace
from azureml.core.resource_configuration import ResourceConfiguration

ws = Workspace.from_config()
myenv = Environment.from_conda_specification(name='myenv', file_path='sklearn-env.yml')

src = ScriptRunConfig(source_directory='.', script='train_iris.py', arguments=['--kernel', 'linear'])
src.run_config.environment = myenv

run = Experiment(ws, 'train-sklearn').submit(config=src)
run.wait_for_completion(show_output=True)
print('metrics', run.get_metrics())

model = run.register_model(
    model_name='sklearn-iris',
    model_path='outputs/model.joblib',
    model_framework=Model.Framework.SCIKITLEARN,
    model_framework_version='0.19.1',
    resource_configuration=ResourceConfiguration(cpu=1, memory_in_gb=0.5))
print('model', model.id)

service = Model.deploy(ws, 'scikit-learn-service', [model])
service.wait_for_deployment(show_output=True)
print('uri', service.scoring_uri)
answer = service.run(json.dumps({'data': [[5.1, 3.5, 1.4, 0.2]], 'method': 'predict'}))
print('answer', answer)
service.delete()
