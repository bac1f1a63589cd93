# Idiom of sample 07, from inside a script: each way of logging once.
import math

import numpy as np
from azureml.core import Run

run = Run.get_context()

run.log('count', 3)
run.log('share', 0.25, description='of all')
run.log('word', 'seven')
run.log('yes', True)
run.log('numpy int', np.int64(12))
run.log('numpy float', np.float32(0.5))
for step in range(5):
    run.log('loss', 1.0 / (step + 1), step=step)
run.log_list('Fibonacci', [0, 1, 1, 2, 3, 5, 8])
run.log_list('angles', np.arange(0, 3.0, 0.5))
for i in range(4):
    run.log_row('cosine wave', angle=i / 10.0, cosine=math.cos(i / 10.0))
run.log_table('sine wave', {'angle': [0.0, 0.1], 'sine': [0.0, math.sin(0.1)]})
run.log_confusion_matrix('confusion', {
    'schema_type': 'confusion_matrix', 'schema_version': '1.0.0',
    'data': {'class_labels': ['0', '1'], 'matrix': [[3, 1], [0, 4]]}})
run.log_residuals('residuals', {
    'schema_type': 'residuals', 'schema_version': '1.0.0',
    'data': {'bin_edges': [-1.0, 0.0, 1.0], 'bin_counts': [2, 5]}})
run.log_predictions('predictions', {
    'schema_type': 'predictions', 'schema_version': '1.0.0',
    'data': {'bin_averages': [0.2, 0.7], 'bin_errors': [0.1, 0.1], 'bin_counts': [4, 3], 'bin_edges': [0.0, 0.5, 1.0]}})
table = [[[4, 4, 0, 0], [4, 1, 3, 0], [0, 0, 4, 4]], [[4, 4, 0, 0], [3, 1, 3, 1], [0, 0, 4, 4]]]
run.log_accuracy_table('accuracy table', {
    'schema_type': 'accuracy_table', 'schema_version': '1.0.1',
    'data': {'probability_tables': table, 'percentile_tables': table, 'probability_thresholds': [0.0, 0.5, 1.0],
             'percentile_thresholds': [0.0, 0.5, 1.0], 'class_labels': ['0', '1']}})
run.flush()
