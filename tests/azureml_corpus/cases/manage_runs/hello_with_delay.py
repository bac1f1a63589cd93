import time

print('Wait for 30 seconds..')
time.sleep(30)
print('Done waiting')
