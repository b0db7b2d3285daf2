-- expect: error is not available to lessons
os.exit(0)
