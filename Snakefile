# The main entry, which `snakemake` finds by itself in a checkout:
#
# snakemake --cores all                                  the paper (needs a GPU)
# snakemake --cores all --configfile config/mini.yaml    the synthetic corpus, in minutes on a laptop
# snakemake --cores 1 help                               targets and ways to run, on one screen
#
# The workflow is in workflow/Snakefile, where modules, `snakedeploy` and the Snakemake workflow
# catalog look for it.

# As `include:` does it, but with the default target, which `include:` drops.
workflow.include("workflow/Snakefile", overwrite_default_target=True)
