# Idiom of sample 09: a model from a file, with sample data, served without any code.
import json

import joblib
import numpy as np
from azureml.core import Dataset, Workspace
from azureml.core.model import Model
from azureml.core.resource_configuration import ResourceConfiguration
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

ws = Workspace.from_config()
dataset_x, dataset_y = load_diabetes(return_X_y=True)
np.savetxt('features.csv', dataset_x, delimiter=',')
np.savetxt('labels.csv', dataset_y, delimiter=',')

datastore = ws.get_default_datastore()
datastore.upload_files(files=['./features.csv', './labels.csv'], target_path='sklearn_regression/', overwrite=True)
input_dataset = Dataset.Tabular.from_delimited_files(path=[(datastore, 'sklearn_regression/features.csv')], header=False)
output_dataset = Dataset.Tabular.from_delimited_files(path=[(datastore, 'sklearn_regression/labels.csv')], header=False)

sk_model = Ridge().fit(dataset_x, dataset_y)
joblib.dump(sk_model, 'sklearn_regression_model.pkl')

model = Model.register(workspace=ws,
                       model_name='my-sklearn-model',
                       model_path='./sklearn_regression_model.pkl',
                       model_framework=Model.Framework.SCIKITLEARN,
                       model_framework_version='0.20.3',
                       sample_input_dataset=input_dataset,
                       sample_output_dataset=output_dataset,
                       resource_configuration=ResourceConfiguration(cpu=1, memory_in_gb=0.5),
                       description='Ridge regression model to predict diabetes progression.',
                       tags={'area': 'diabetes', 'type': 'regression'})
print('Name:', model.name)
print('Version:', model.version)

service_name = 'my-sklearn-service'
service = Model.deploy(ws, service_name, [model], overwrite=True)
service.wait_for_deployment(show_output=True)
input_payload = json.dumps({'data': dataset_x[0:2].tolist(), 'method': 'predict'})
output = service.run(input_payload)
print('outputs', [round(value) for value in output])
service.delete()
