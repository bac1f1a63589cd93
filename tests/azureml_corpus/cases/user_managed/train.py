from azureml.core.run import Run
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

run = Run.get_context()
X, y = load_diabetes(return_X_y=True)
for alpha in (0.1, 0.2, 0.4):
    run.log('alpha', alpha)
    run.log('mse', float(((Ridge(alpha).fit(X, y).predict(X) - y) ** 2).mean()))
open('outputs/done.txt', 'w').close()
