# Idiom of scripts that read the run's surroundings: variables, arguments, the folder they were copied to.
import os
import sys

import sklearn
from azureml.core import Run

run = Run.get_context()
assert os.environ['AZUREML_RUN_ID'] == run.id
assert run is Run.get_context()
assert run.get_status() == 'Running'
run.log('scikit-learn', sklearn.__version__)
run.log('python', '{}.{}'.format(*sys.version_info[:2]))
run.log('folder', os.path.basename(os.getcwd()))
run.log('arguments', ' '.join(sys.argv[1:]))
print(run)
