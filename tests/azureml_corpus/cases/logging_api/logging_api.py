# Idiom of sample 07: an interactive run that logs in every way, and is read back.
import math

import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt
import numpy as np
from azureml.core import Experiment, Workspace
from tqdm_stand_in import tqdm

ws = Workspace.from_config()
experiment = Experiment(workspace=ws, name='logging-api-test')
run = experiment.start_logging(outputs=None, snapshot_directory=None)

run.log(name='message', value='hello from a run')
fibonacci_values = [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
run.log_list(name='Fibonacci', value=fibonacci_values)
for i in tqdm(range(-10, 10)):
    run.log(name='Sigmoid', value=1 / (1 + np.exp(-i)))
for i in tqdm(range(10)):
    angle = i / 2.0
    run.log_row(name='Cosine Wave', angle=angle, cos=np.cos(angle))
sines = [math.sin(i / 2.0) for i in range(10)]
run.log_table(name='Sine Wave', value={'angle': [i / 2.0 for i in range(10)], 'sine': sines})

plt.plot([a / 2.0 for a in range(10)], sines)
run.log_image(name='Sine plot', plot=plt)
for i in range(3):
    plt.figure()
    plt.plot(range(i + 2))
    plt.savefig('plot{}.png'.format(i))
    run.log_image(name='Plot {}'.format(i), path='plot{}.png'.format(i))
with open('myfile.txt', 'w') as out:
    out.write('some text')
run.upload_file('texts/myfile.txt', 'myfile.txt')
run.complete()

metrics = run.get_metrics()
assert metrics['message'] == 'hello from a run'
assert metrics['Fibonacci'] == fibonacci_values
assert len(metrics['Sigmoid']) == 20 and abs(metrics['Sigmoid'][10] - 0.5) < 1e-9
assert len(metrics['Cosine Wave']['cos']) == 10
assert metrics['Sine Wave']['sine'] == sines
assert run.get_metrics('message') == {'message': 'hello from a run'}
names = run.get_file_names()
assert 'plot2.png' in names and 'texts/myfile.txt' in names, names
run.download_file(name='texts/myfile.txt', output_file_path='back.txt')
assert open('back.txt').read() == 'some text'
run.download_files(prefix='texts', output_directory='all')
assert open('all/texts/myfile.txt').read() == 'some text'
print('read back', len(names))
