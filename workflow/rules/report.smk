# One page with everything: what was measured, what lies behind it, what it took.

FIGURES = ["boundaries", "answers", "recovery", "training"]
FIGURES += ["gxlt"] if PAIRED else []
FIGURES += ["teacher_weights"] if TEACHER_SETS else []
# Captions, template and style of the page: they come with the workflow, wherever that is.
PAGE_FILES = [source_file(f"../report/{name}") for name in ("report.css", "report.html.j2")]
PAGE_FILES += [source_file(f"../report/{name}.rst") for name in FIGURES]


rule write_report:
    """A page that holds the whole run and needs nothing else."""
    input:
        tables=expand("<results>/tables/table{n}.csv", n=TABLES),
        everything="<results>/tables/all.md",
        comparisons=multiext("<results>/tables/comparisons", ".csv", ".md"),
        figures=expand("<results>/figures/{name}.svg", name=FIGURES),
        manifests=MANIFESTS,
    output:
        "<results>/report.html",
    log:
        "<logs>/report.log",
    benchmark:
        "<benchmarks>/report.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8_000),
        runtime=scaled_by_attempt(60),
        page=str(PAGE_FILES[0].parent),  # their place; what they hold stands in `params`
    params:
        run=json.dumps(
            {
                "name": CONFIG.run,
                "systems": {
                    name: system.model_dump(mode="json", exclude_defaults=True)
                    for name, system in CONFIG.systems.items()
                },
                "seeds": {name: CONFIG.seeds_of(name) for name in CONFIG.systems},
                "languages": CONFIG.languages,
                "same_data_as_paper": CONFIG.same_data_as_paper,
            }
        ),
        tables=TABLES,
        figures=FIGURES,
        page=contents_of(PAGE_FILES),
        code=code_of("write_report.py"),
    message:
        "one page with everything: {output}"
    shell:
        "stage write_report.py --run {params.run:q} --tables {params.tables}"
        " --figures {params.figures} --page {resources.page:q} --manifests {input.manifests:q}"
        " --target {output:q} > {log:q} 2>&1"
