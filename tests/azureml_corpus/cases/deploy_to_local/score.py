import json
import os

import joblib
import numpy as np


def init():
    global model
    model_path = os.path.join(os.getenv('AZUREML_MODEL_DIR'), 'ridge.pkl')
    model = joblib.load(model_path)


def run(raw_data):
    try:
        data = np.array(json.loads(raw_data)['data'])
        result = model.predict(data)
        return result.tolist()
    except Exception as e:
        return str(e)
