# The published files: fetched, generated, or already in the data folder.

BENCHMARK_CELLS = [
    (name, *cell) for name, benchmark in CONFIG.benchmarks.items() for cell in benchmark.cells()
]


def published_files():
    """The files under the data folder that this run reads, as published."""
    files = {CONFIG.data.squad.train.file}
    files |= {
        engine.file
        for engine in CONFIG.translation.engines.values()
        if engine.engine == "ready-made"
    }
    for name, split, passage_language, question_language in BENCHMARK_CELLS + CONFIG.sweep_cells():
        pattern = CONFIG.benchmarks[name].file
        files.add(pattern.format(split=split, context=passage_language, question=question_language))
    if CONFIG.lakm:
        files |= set(CONFIG.lakm.files(CONFIG.languages))
    return sorted(f"{CONFIG.data.folder}/{file}" for file in files)


def hub_checkpoints():
    specs = [CONFIG.backbone]
    specs += [e.checkpoint for e in CONFIG.translation.engines.values() if e.engine != "ready-made"]
    return {CONFIG.checkpoint_folder(spec): spec for spec in specs if spec.id}


PUBLISHED_FILES = published_files()
HUB_CHECKPOINTS = hub_checkpoints()


if CONFIG.data.source.kind == "miniworld":

    rule miniworld:
        """Generate the synthetic corpus in the published formats."""
        output:
            PUBLISHED_FILES,
        log:
            "<logs>/miniworld.log",
        benchmark:
            "<benchmarks>/miniworld.tsv"
        threads: 1
        resources:
            mem_mb=growing(2_000),
            runtime=growing(30),
        params:
            corpus=settings(CONFIG.data.source),
            code=code("miniworld.py"),
        message:
            "generate the synthetic corpus in the published formats"
        shell:
            "python workflow/scripts/miniworld.py --settings {params.corpus:q} --folder {CONFIG.data.folder}"
            " > {log} 2>&1"


if CONFIG.data.source.kind == "download":
    DOWNLOADS = CONFIG.data.source.files
    ARCHIVES = CONFIG.data.source.archives

    localrules:
        download,

    rule download:
        """A published file, checked against its SHA-256."""
        output:
            "<data>/{file}",
        log:
            "<logs>/download/{file}.log",
        wildcard_constraints:
            file=one_of(DOWNLOADS),
        retries: 2
        threads: 1
        resources:
            mem_mb=growing(1_000),
            runtime=growing(240),
        params:
            download=lambda wildcards: settings(DOWNLOADS[wildcards.file]),
        message:
            "{wildcards.file}: fetch and check"
        shell:
            "python workflow/scripts/download.py --settings {params.download:q} --target {output}"
            " 2>&1 | tee {log}"

    for folder, archive in ARCHIVES.items():

        rule:
            """The members of an archive that this run reads."""
            name:
                f"unpack_{re.sub(r'[^A-Za-z0-9]', '_', folder)}"
            input:
                f"<data>/{archive}",
            output:
                [f for f in PUBLISHED_FILES if f.startswith(f"{CONFIG.data.folder}/{folder}/")],
            log:
                f"<logs>/unpack/{folder}.log",
            localrule: True
            threads: 1
            resources:
                mem_mb=growing(1_000),
                runtime=growing(60),
            message:
                "unpack the members of {input} that this run reads"
            shell:
                "python workflow/scripts/unpack.py --archive {input}"
                " --folder {CONFIG.data.folder} --members {output} > {log} 2>&1"


rule checkpoint:
    """A pinned revision of a checkpoint on the hub."""
    output:
        directory(f"{CONFIG.models}/{{id}}/{{revision}}"),
    log:
        "<logs>/checkpoint/{id}/{revision}.log",
    wildcard_constraints:
        revision="[0-9a-f]{40}",
    retries: 2
    localrule: True
    threads: 1
    resources:
        mem_mb=growing(16_000),
        runtime=growing(240),
    message:
        "{wildcards.id}: fetch the pinned revision {wildcards.revision}"
    shell:
        "HF_HUB_OFFLINE=0 python workflow/scripts/checkpoint.py --id {wildcards.id}"
        " --revision {wildcards.revision} --target {output} 2>&1 | tee {log}"


rule articles:
    """Some articles of a published file, by title: how a config splits one file."""
    input:
        "<data>/{file}",
    output:
        "<results>/articles/{articles}/{file}",
    log:
        "<logs>/articles/{articles}/{file}.log",
    benchmark:
        "<benchmarks>/articles/{articles}/{file}.tsv"
    wildcard_constraints:
        articles=one_of(CONFIG.data.articles),
    threads: 1
    resources:
        mem_mb=growing(1_000),
        runtime=growing(30),
    params:
        titles=lambda wildcards: json.dumps(CONFIG.data.articles[wildcards.articles]),
        code=code("articles.py"),
    message:
        "{wildcards.file}: keep the articles listed as {wildcards.articles}"
    shell:
        "python workflow/scripts/articles.py --source {input} --target {output}"
        " --titles {params.titles:q} > {log} 2>&1"


rule examples:
    """The English source data, checked, as examples."""
    input:
        CONFIG.data_file(CONFIG.data.squad.train.file, CONFIG.data.squad.train.articles),
    output:
        examples=f"<results>/examples/squad.{SOURCE}.parquet",
        manifest=f"<results>/manifests/examples.squad.{SOURCE}.json",
    log:
        "<logs>/examples.log",
    benchmark:
        "<benchmarks>/examples.tsv"
    threads: 1
    resources:
        mem_mb=growing(4_000),
        runtime=growing(60),
    params:
        policy=CONFIG.data.on_bad_example,
        code=code("examples.py"),
    message:
        "read the English training data, every answer checked at its offset"
    shell:
        "python workflow/scripts/examples.py --source {input} --language {SOURCE}"
        " --on-bad-example {params.policy} --target {output.examples}"
        " --manifest {output.manifest} --code {params.code} > {log} 2>&1"
