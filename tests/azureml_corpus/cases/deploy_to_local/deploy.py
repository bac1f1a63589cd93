# Idiom of sample 10: a scoring script on this computer, its log, its update, its end.
import json

import joblib
from azureml.core import Workspace
from azureml.core.environment import Environment
from azureml.core.model import InferenceConfig, Model
from azureml.core.webservice import LocalWebservice
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

ws = Workspace.from_config()
X, y = load_diabetes(return_X_y=True)
joblib.dump(Ridge().fit(X, y), 'ridge.pkl')
model = Model.register(model_path='ridge.pkl', model_name='ridge', tags={'area': 'diabetes'}, workspace=ws)

environment = Environment('user-managed-env')
environment.python.user_managed_dependencies = True
inference_config = InferenceConfig(entry_script='score.py', environment=environment)
deployment_config = LocalWebservice.deploy_configuration()
local_service = Model.deploy(ws, 'test', [model], inference_config, deployment_config)
local_service.wait_for_deployment(True)
print('State:', local_service.state)
print('uri', local_service.scoring_uri == 'http://localhost:{}/score'.format(local_service.port))
sample_input = json.dumps({'data': X[:2].tolist()})
print('scores', len(local_service.run(sample_input)))
print('log', len(local_service.get_logs()) > 0)
local_service.reload()
print('again', len(local_service.run(sample_input)))
local_service.delete()
