# Idiom of samples with inference-schema: a typed scoring script behind a key, found again by name, updated.
import json

import joblib
import requests_stand_in as requests
from azureml.core import Workspace
from azureml.core.environment import Environment
from azureml.core.model import InferenceConfig, Model
from azureml.core.webservice import AciWebservice, Webservice
from azureml.exceptions import WebserviceException
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier

ws = Workspace.from_config()
X, y = load_iris(return_X_y=True)
joblib.dump(DecisionTreeClassifier(random_state=0).fit(X, y), 'iris.pkl')
model = Model.register(ws, 'iris.pkl', 'iris')
env = Environment('scoring')
env.python.user_managed_dependencies = True
config = AciWebservice.deploy_configuration(cpu_cores=0.5, memory_gb=0.5, auth_enabled=True, tags={'a': 'b'})
service_name = 'iris-service'
try:
    Webservice(ws, service_name).delete()
except WebserviceException:
    print('no service yet')
service = Model.deploy(ws, service_name, [model], InferenceConfig(entry_script='score.py', environment=env), config)
service.wait_for_deployment(show_output=True)
found = Webservice(workspace=ws, name=service_name)
print(found.compute_type, found.state, found.auth_enabled)
key1, key2 = found.get_keys()
body = json.dumps({'data': X[[0, 60, 120]].tolist()})
status, answer = requests.post(found.scoring_uri, body, {'Content-Type': 'application/json', 'Authorization': 'Bearer ' + key1})
print(status, answer)
print(requests.post(found.scoring_uri, body, {'Content-Type': 'application/json'})[0])
print('schema', 'example' in requests.get(found.swagger_uri, {'Authorization': 'Bearer ' + key2}))
found.delete()
