-- expect: error is not available to lessons
package.loaded.os.exit(0)
