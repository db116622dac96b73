"""The assembly: web application, worker, command line and the services they run on."""
