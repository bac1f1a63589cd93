# Idiom of older DP-100 scripts: files uploaded by name, folders, a description, then complete().
import os

import joblib
from azureml.core import Run
from sklearn.datasets import load_breast_cancer
from sklearn.tree import DecisionTreeClassifier

run = Run.get_context()
X, y = load_breast_cancer(return_X_y=True)
tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)
run.log('depth', tree.get_depth() if hasattr(tree, 'get_depth') else 3)

joblib.dump(value=tree, filename='tree.pkl')
run.upload_file(name='models/tree.pkl', path_or_stream='./tree.pkl')
os.makedirs('report', exist_ok=True)
for name in ('a.txt', 'b.txt'):
    with open(os.path.join('report', name), 'w') as out:
        out.write(name)
run.upload_folder(name='report', path='report')
run.set_tags({'kind': 'tree', 'depth': 3})
run.add_properties({'author': 'a lab'})
print('\n'.join(run.get_file_names()))
run.complete()
