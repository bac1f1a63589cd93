import argparse

parser = argparse.ArgumentParser()
parser.add_argument('--rows', type=int)
rows = parser.parse_args().rows
with open('prepared rows.csv', 'w') as file:
    file.writelines('{}\n'.format(number) for number in range(rows))
print('prepared', rows)
