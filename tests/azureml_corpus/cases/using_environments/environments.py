# Idiom of sample 25: environments made, kept, listed, changed, written to files and read again.
from azureml.core import Workspace
from azureml.core.conda_dependencies import CondaDependencies
from azureml.core.environment import Environment

ws = Workspace.from_config()
myenv = Environment(name='myenv')
conda_dep = CondaDependencies()
conda_dep.add_conda_package('numpy==1.17.0')
conda_dep.add_pip_package('pillow==6.2.1')
myenv.python.conda_dependencies = conda_dep
myenv.environment_variables = {'MESSAGE': 'Hello from Azure Machine Learning'}
registered = myenv.register(workspace=ws)
print('version', registered.version)

restored = Environment.get(workspace=ws, name='myenv', version='1')
print(restored.name, list(restored.python.conda_dependencies.conda_packages))
for name, env in ws.environments.items():
    print('Name {} \t version {}'.format(name, env.version))
envs = Environment.list(workspace=ws)
print('curated', sum(name.startswith('AzureML') for name in envs) > 0)

new_env = myenv.clone(new_name='second-env')
new_env.python.conda_dependencies = CondaDependencies.create(
    conda_packages=['scikit-learn', 'pandas'], pip_packages=['azureml-defaults'], python_version='3.8.13')
new_env.docker.enabled = True
new_env.docker.base_image = 'mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04:20230120.v1'
print(new_env.python.conda_dependencies.serialize_to_string().count('scikit-learn'))
new_env.save_to_directory(path='saved', overwrite=True)
back = Environment.load_from_directory(path='saved')
print(back.name, back.docker.base_image.startswith('mcr'))
try:
    new_env.python.no_such_setting = 1
except AttributeError:
    print('a typing error is found')
with open('requirements.txt', 'w') as out:
    out.write('scikit-learn==0.24.2\n')
pip_env = Environment.from_pip_requirements(name='pip-env', file_path='requirements.txt')
print(list(pip_env.python.conda_dependencies.pip_packages))
