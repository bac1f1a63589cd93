import sys

from azureml.core import Run

Run.get_context().log('python', '{}.{}'.format(*sys.version_info[:2]))
