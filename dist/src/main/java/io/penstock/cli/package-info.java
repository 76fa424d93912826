/** The command line: what a person or a script starts. Knows every module; holds no logic of theirs. */
package io.penstock.cli;
