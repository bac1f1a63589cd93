import argparse
import os

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument('--regularization', type=float)
args = parser.parse_args()
os.makedirs('./outputs', exist_ok=True)
run = Run.get_context()
run.log('regularization', args.regularization)
with open('outputs/report.txt', 'w') as out:
    out.write('ready')
