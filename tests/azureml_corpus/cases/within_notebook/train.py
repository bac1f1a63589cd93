# Idiom of sample 05: train in the notebook, pick the best run, register its model, serve it with a scoring script.
import json
import os

import joblib
import numpy as np
from azureml.core import Experiment, Workspace
from azureml.core.environment import Environment
from azureml.core.model import InferenceConfig, Model
from azureml.core.webservice import AciWebservice, Webservice
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split

ws = Workspace.from_config()
experiment = Experiment(workspace=ws, name='train-within-notebook')
X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)

model_name = 'model.pkl'
for alpha in np.arange(0.0, 1.0, 0.5):
    with experiment.start_logging() as run:
        run.log('alpha', alpha)
        reg = Ridge(alpha=alpha).fit(X_train, y_train)
        mse = mean_squared_error(reg.predict(X_test), y_test)
        run.log('mse', mse)
        with open(model_name, 'wb') as file:
            joblib.dump(value=reg, filename=file)
        run.upload_file(name=model_name, path_or_stream=model_name)

runs = {}
run_metrics = {}
for r in experiment.get_runs():
    metrics = r.get_metrics()
    if 'mse' in metrics.keys():
        runs[r.id] = r
        run_metrics[r.id] = metrics
best_run_id = min(run_metrics, key=lambda k: run_metrics[k]['mse'])
best_run = runs[best_run_id]
best_run.tag('Best', 'yes')
best_run.download_file(name=model_name, output_file_path='best_model.pkl')
model = best_run.register_model(model_name='best_model', model_path='model.pkl')
for m in Model.list(ws, name='best_model'):
    print('listed', m.name, m.version)

myenv = Environment('scoring')
myenv.python.user_managed_dependencies = True
inference_config = InferenceConfig(entry_script='score.py', environment=myenv)
aciconfig = AciWebservice.deploy_configuration(
    cpu_cores=1, memory_gb=1, tags={'sample name': 'within'}, description='Ridge', auth_enabled=True)
service = Model.deploy(workspace=ws, name='my-aci-svc', models=[model], inference_config=inference_config, deployment_config=aciconfig)
service.wait_for_deployment(show_output=True)
print('state', service.state)
test_sample = bytes(json.dumps({'data': X_test[:3].tolist()}), encoding='utf8')
prediction = service.run(input_data=test_sample)
print('predictions', len(prediction))
print('keys', len(service.get_keys()))
print([s.name for s in Webservice.list(ws)])
service.delete()
