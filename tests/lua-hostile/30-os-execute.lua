-- expect: error is not available to lessons
os.execute("touch escaped")
