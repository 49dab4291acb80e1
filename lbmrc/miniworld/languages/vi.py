"""Vietnamese: how facts are stated and asked (the notation is explained in `en`)."""

STATEMENTS = {
    "person.birth_date": (
        "{x} <r:sinh> {birth_date}.",
        "<r:Ngày sinh> của {x}: {birth_date}",
    ),
    "person.birth_place": (
        "{x} <r:sinh ra> ở <n:thành phố> {birth_place}.",
        "{birth_place} là <n:thành phố> nơi {x} <r:sinh ra>.",
    ),
    "person.birth_place+birth_date": (
        "{x} <r:sinh ra> ở <n:thành phố> {birth_place} vào {birth_date}.",
    ),
    "person.occupation": (
        "{x} là một {occupation} nổi tiếng.",
        "<r:Nghề nghiệp> của {x}: {occupation}",
    ),
    "person.award": (
        "{x} đã <r:giành> <n:giải thưởng> {award}.",
        "{award} là <n:giải thưởng> mà {x} đã <r:giành> được.",
    ),
    "person.work": (
        "{x} đã <r:viết> cuốn <n:sách> “{work}”.",
        "“{work}” là cuốn <n:sách> nổi tiếng nhất mà {x} đã <r:viết>.",
    ),
    "person.residence": ("{x} đã <r:sống> nhiều năm ở <n:thành phố> {residence}.",),
    "city.founded": (
        "<n:Thành phố> {x} được <r:thành lập> năm {founded}.",
        "{founded} là năm <n:thành phố> {x} được <r:thành lập>.",
    ),
    "city.population": (
        "<r:Dân số> của <n:thành phố> {x} là {population}.",
        "<r:Dân số> của <n:thành phố> {x}: {population}",
    ),
    "city.river": ("<n:Thành phố> {x} <r:nằm> bên <m:sông> {river}.",),
    "city.mayor": (
        "<r:Thị trưởng> của <n:thành phố> {x} là {mayor}.",
        "{mayor} là <r:thị trưởng> của <n:thành phố> {x}.",
    ),
    "city.product": (
        "<r:Sản phẩm chính> của <n:thành phố> {x} là {product}.",
        "<r:Sản phẩm chính> của <n:thành phố> {x}: {product}",
    ),
    "novel.author": (
        "<n:Tiểu thuyết> “{x}” do {author} <r:viết>.",
        "{author} là <r:tác giả> của <n:tiểu thuyết> “{x}”.",
    ),
    "novel.year": ("<n:Tiểu thuyết> “{x}” được <r:xuất bản> năm {year}.",),
    "novel.author+year": ("Năm {year}, {author} <r:xuất bản> <n:tiểu thuyết> “{x}”.",),
    "novel.pages": (
        "<n:Tiểu thuyết> “{x}” có {pages} <r:trang>.",
        "Số <r:trang> của <n:tiểu thuyết> “{x}”: {pages}",
    ),
    "novel.topic": (
        "<r:Chủ đề> của <n:tiểu thuyết> “{x}” là {topic}.",
        "<r:Chủ đề> của <n:tiểu thuyết> “{x}”: {topic}",
    ),
    "novel.setting": (
        "Câu chuyện của <n:tiểu thuyết> “{x}” <r:diễn ra> ở <m:thành phố> {setting}.",
    ),
    "company.founded": (
        "<n:Công ty> {x} được <r:thành lập> năm {founded}.",
        "{founded} là năm <n:công ty> {x} được <r:thành lập>.",
    ),
    "company.founder": (
        "<n:Công ty> {x} do {founder} <r:thành lập>.",
        "{founder} là <r:người sáng lập> <n:công ty> {x}.",
    ),
    "company.founder+founded": ("Năm {founded}, {founder} <r:thành lập> <n:công ty> {x}.",),
    "company.seat": ("<r:Trụ sở chính> của <n:công ty> {x} nằm ở <m:thành phố> {seat}.",),
    "company.product": (
        "<n:Công ty> {x} <r:sản xuất> {product}.",
        "<r:Sản phẩm> của <n:công ty> {x}: {product}",
    ),
    "company.employees": (
        "Số <r:nhân viên> của <n:công ty> {x} là {employees}.",
        "Số <r:nhân viên> của <n:công ty> {x}: {employees}",
    ),
    "company.motto": (
        "<r:Khẩu hiệu> của <n:công ty> {x} là {motto}.",
        "{motto} là <r:khẩu hiệu> của <n:công ty> {x}.",
    ),
}

QUESTIONS = {
    "person.birth_date": (
        "{x} <r:sinh> <q:khi nào>?",
        "{x} <r:sinh> <q:vào ngày nào>?",
        "<r:Ngày sinh> của {x} là <q:ngày nào>?",
    ),
    "person.birth_place": (
        "{x} <r:sinh ra> <q:ở đâu>?",
        "{x} <r:sinh ra> ở <n:thành phố> <q:nào>?",
    ),
    "person.occupation": (
        "<r:Nghề nghiệp> của {x} là <q:gì>?",
        "{x} làm <r:nghề> <q:gì>?",
    ),
    "person.award": (
        "{x} đã <r:giành> <n:giải thưởng> <q:nào>?",
        "<n:Giải thưởng> mà {x} đã <r:giành> được tên là <q:gì>?",
    ),
    "person.work": (
        "{x} đã <r:viết> cuốn <n:sách> <q:nào>?",
        "Cuốn <n:sách> mà {x} đã <r:viết> có tên là <q:gì>?",
    ),
    "person.residence": (
        "{x} đã <r:sống> <q:ở đâu>?",
        "{x} đã <r:sống> nhiều năm ở <n:thành phố> <q:nào>?",
    ),
    "city.founded": (
        "<n:Thành phố> {x} được <r:thành lập> <q:khi nào>?",
        "<n:Thành phố> {x} được <r:thành lập> <q:vào năm nào>?",
    ),
    "city.population": (
        "<r:Dân số> của <n:thành phố> {x} là <q:bao nhiêu>?",
        "Có <q:bao nhiêu> người <r:sống> ở <n:thành phố> {x}?",
    ),
    "city.river": (
        "<n:Thành phố> {x} <r:nằm> bên <m:sông> <q:nào>?",
        "<m:Sông> ở <n:thành phố> {x} tên là <q:gì>?",
    ),
    "city.mayor": (
        "<q:Ai> là <r:thị trưởng> của <n:thành phố> {x}?",
        "<r:Thị trưởng> của <n:thành phố> {x} tên là <q:gì>?",
    ),
    "city.product": (
        "<r:Sản phẩm chính> của <n:thành phố> {x} là <q:gì>?",
        "<n:Thành phố> {x} chủ yếu <r:sản xuất> <q:gì>?",
    ),
    "novel.author": (
        "<q:Ai> đã <r:viết> <n:tiểu thuyết> “{x}”?",
        "<q:Ai> là <r:tác giả> của <n:tiểu thuyết> “{x}”?",
    ),
    "novel.year": (
        "<n:Tiểu thuyết> “{x}” được <r:xuất bản> <q:khi nào>?",
        "<n:Tiểu thuyết> “{x}” được <r:xuất bản> <q:vào năm nào>?",
    ),
    "novel.pages": (
        "<n:Tiểu thuyết> “{x}” có <q:bao nhiêu> <r:trang>?",
        "Số <r:trang> của <n:tiểu thuyết> “{x}” là <q:bao nhiêu>?",
    ),
    "novel.topic": (
        "<r:Chủ đề> của <n:tiểu thuyết> “{x}” là <q:gì>?",
        "<n:Tiểu thuyết> “{x}” <r:nói về> điều <q:gì>?",
    ),
    "novel.setting": (
        "Câu chuyện của <n:tiểu thuyết> “{x}” <r:diễn ra> <q:ở đâu>?",
        "<n:Tiểu thuyết> “{x}” <r:diễn ra> ở <m:thành phố> <q:nào>?",
    ),
    "company.founded": (
        "<n:Công ty> {x} được <r:thành lập> <q:khi nào>?",
        "<n:Công ty> {x} được <r:thành lập> <q:vào năm nào>?",
    ),
    "company.founder": (
        "<q:Ai> đã <r:thành lập> <n:công ty> {x}?",
        "<q:Ai> là <r:người sáng lập> <n:công ty> {x}?",
    ),
    "company.seat": (
        "<r:Trụ sở chính> của <n:công ty> {x} nằm <q:ở đâu>?",
        "<r:Trụ sở chính> của <n:công ty> {x} nằm ở <m:thành phố> <q:nào>?",
    ),
    "company.product": (
        "<n:Công ty> {x} <r:sản xuất> <q:gì>?",
        "<r:Sản phẩm> của <n:công ty> {x} là <q:gì>?",
    ),
    "company.employees": (
        "<n:Công ty> {x} có <q:bao nhiêu> <r:nhân viên>?",
        "Số <r:nhân viên> của <n:công ty> {x} là <q:bao nhiêu>?",
    ),
    "company.motto": (
        "<r:Khẩu hiệu> của <n:công ty> {x} là <q:gì>?",
        "<n:Công ty> {x} có <r:khẩu hiệu> <q:gì>?",
    ),
}
