# Idiom of MLOpsPython: the script registers its own model, with tags, and loads it again by name.
import os

import joblib
from azureml.core import Run
from azureml.core.model import Model
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier

run = Run.get_context()
exp = run.experiment
ws = run.experiment.workspace
print('Experiment', exp.name, 'in', ws.name)

X, y = load_wine(return_X_y=True)
forest = RandomForestClassifier(n_estimators=20, random_state=0).fit(X, y)
score = forest.score(X, y)
run.log('score', score)

os.makedirs('outputs', exist_ok=True)
joblib.dump(forest, 'outputs/wine.pkl')
run.upload_file(name='outputs/wine.pkl', path_or_stream='outputs/wine.pkl')
model = run.register_model(
    model_name='wine-forest', model_path='outputs/wine.pkl', tags={'area': 'wine', 'score': score},
    properties={'trees': 20}, description='Which grape')
print(model.name, model.version, sep='\t')

again = Model(ws, 'wine-forest')
path = Model.get_model_path('wine-forest', _workspace=ws)
loaded = joblib.load(path)
run.log('same', bool((loaded.predict(X) == forest.predict(X)).all()))
run.log('versions', len(Model.list(ws, name='wine-forest', tags=[['area', 'wine']])))
run.tag('model', again.id)
