-- expect: error is not available to lessons
return os.time()
