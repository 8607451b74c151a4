"""CheXpert's, MIMIC-CXR-JPG's and PadChest's own tables, as they are published, and what is not understood in any table."""

from pathlib import Path

import pytest

from chexview.errors import DataError
from chexview.findings import NAMES
from train.own_labels import LabelMapping, read_table

TABLES = Path(__file__).parents[1] / "data" / "tables"

CHEXPERT = """\
Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Enlarged Cardiomediastinum,Cardiomegaly,Lung Opacity,Lung Lesion,Edema,Consolidation,\
Pneumonia,Atelectasis,Pneumothorax,Pleural Effusion,Pleural Other,Fracture,Support Devices
CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg,Female,68,Frontal,AP,1.0,,,,,,,,,0.0,,,,1.0
CheXpert-v1.0-small/train/patient00002/study2/view1_frontal.jpg,Female,87,Frontal,AP,,,-1.0,1.0,,-1.0,-1.0,,-1.0,,-1.0,,1.0,
CheXpert-v1.0-small/train/patient00002/study1/view1_frontal.jpg,Female,83,Frontal,AP,,,,1.0,,,-1.0,,,,1.0,,1.0,
CheXpert-v1.0-small/train/patient00002/study1/view2_lateral.jpg,Female,83,Lateral,,,,,1.0,,,-1.0,,,,1.0,,1.0,
"""

PADCHEST = """\
,ImageID,ImageDir,StudyDate_DICOM,StudyID,PatientID,PatientBirth,PatientSex_DICOM,ViewPosition_DICOM,Projection,MethodProjection,\
Pediatric,Report,MethodLabel,Labels,Localizations
0,20536686640136348236148679891455886468_k6ga29.png,0,20140915,20536686640136348236148679891455886468,\
839860488694292331637988235681460987,1930.0,F,POSTEROANTERIOR,PA,Manual review of DICOM fields,No,\
sin hallazg,Physician,"['pulmonary fibrosis', 'chronic changes', 'kyphosis', 'pseudonodule']","['loc basal']"
1,135803415504923515076821959678074435083_fzis7d.png,0,20150914,135803415504923515076821959678074435083,\
313572750430997347502932654319389875966,1929.0,M,,L,Manual,No,text,Physician,['normal'],[]
2,2_a.png,0,20150914,3,4,1950.0,M,ANTEROPOSTERIOR,AP_horizontal,Manual,No,text,RNN_model,\
"['hydropneumothorax', 'nodule', ' NSG tube']",[]
3,3_a.png,0,20150914,4,5,1950.0,M,,PA,Manual,No,text,RNN_model,['unchanged'],[]
4,4_a.png,0,20150914,5,6,,F,,PA,Manual,No,text,RNN_model,"['pleural efusion', 'mass']",[]
5,5_a.png,0,20150914,6,7,1950.0,F,,COSTAL,Manual,No,text,RNN_model,['rib fracture'],[]
6,6_a.png,0,20150914,7,8,1950.0,F,,PA,Manual,No,text,RNN_model,,[]
"""

MIMIC = """\
subject_id,study_id,Atelectasis,Cardiomegaly,Consolidation,Edema,Enlarged Cardiomediastinum,Fracture,Lung Lesion,Lung Opacity,\
No Finding,Pleural Effusion,Pleural Other,Pneumonia,Pneumothorax,Support Devices
10000032,50414267,,,,,,,,,1.0,,,,,
10000032,53189527,,,1.0,,,,,,,-1.0,,,,
"""


def written(folder: Path, text: str, name: str = "labels.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_chexperts_own_table(tmp_path: Path) -> None:
    table, report = read_table(written(tmp_path, CHEXPERT), LabelMapping(), NAMES)
    assert table["patient"].tolist() == ["patient00001", "patient00002", "patient00002", "patient00002"]
    assert table["image"].tolist()[0] == "patient00001/study1/view1_frontal.jpg" and not report.lonely
    assert table["label__Effusion"].tolist() == [0, -1, 1, 1]
    assert table["label__Cardiomegaly"].tolist() == [0, -1, 0, 0]
    assert table["frontal"].tolist() == [True, True, True, False]
    assert table["view"].tolist() == ["AP", "AP", "AP", "lateral"] and table["age"].tolist() == [68, 87, 83, 83]
    assert "label__Nodule" not in table and {"Lung Lesion", "Lung Opacity"} <= set(report.ignored)
    assert any("Empty cells count as negative, as CheXpert" in line for line in report.lines())


def test_padchests_own_table(tmp_path: Path) -> None:
    table, report = read_table(written(tmp_path, PADCHEST), LabelMapping(), NAMES)
    labels = {name: table[f"label__{name}"].tolist() for name in NAMES}
    assert labels["Fibrosis"] == [1, 0, 0, -1, -1, 0, -1]
    assert labels["Effusion"] == [0, 0, 1, -1, -1, 0, -1]
    assert labels["Pneumothorax"] == [0, 0, 1, -1, -1, 0, -1]
    assert labels["Nodule"] == [0, 0, 1, -1, -1, 0, -1]
    assert labels["Mass"] == [0, 0, 0, -1, 1, 0, -1]
    assert report.unknown_words == {"pleural efusion": 1}
    assert table["frontal"].tolist() == [True, False, True, True, True, False, True]
    assert table["view"].tolist()[:3] == ["PA", "lateral", "AP"] and table["age"].tolist()[:5] == [84, 86, 65, 65, -1]
    assert table["sex"].tolist()[:2] == ["F", "M"] and table["patient"][2] == "4"
    said = " ".join(report.lines())
    assert "'pleural efusion' in 1" in said and "1 cells of Labels are empty" in said


def test_mimics_own_table_is_about_studies(tmp_path: Path) -> None:
    table, _ = read_table(written(tmp_path, MIMIC), LabelMapping(), NAMES)
    assert table["study"].tolist() == ["50414267", "53189527"] and "image" not in table
    assert table["label__Consolidation"].tolist() == [0, 1] and table["label__Effusion"].tolist() == [0, -1]


def test_the_two_tables_that_became_negative() -> None:
    table, _ = read_table(TABLES / "40_padchest_labels.csv", LabelMapping(), ("Effusion", "Cardiomegaly"))
    assert table["label__Effusion"].tolist() == [1, 0, 1] and table["label__Cardiomegaly"].tolist() == [1, 0, 0]
    table, _ = read_table(TABLES / "42_comma_labels.csv", LabelMapping(), ("Effusion", "Mass"))
    assert table["label__Effusion"].tolist()[:2] == [1, 0] and table["label__Mass"].tolist()[:2] == [1, 1]


def test_an_empty_cell_is_negative_only_where_reports_leave_it_so(tmp_path: Path) -> None:
    plain = "image,Effusion\na.png,1\nb.png,0\nc.png,\n"
    table, report = read_table(written(tmp_path, plain), LabelMapping(), ("Effusion",))
    assert table["label__Effusion"].tolist() == [1, 0, -1]
    assert any("Empty cells count as unknown" in line for line in report.lines())


def test_words_of_which_none_is_understood_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No word of the column labels is understood"):
        read_table(written(tmp_path, "image,labels\na.png,epanchement\nb.png,masse\n"), LabelMapping(), ("Effusion",))


def test_nodule_or_mass_gives_the_composite_and_denies_neither_part(tmp_path: Path) -> None:
    text = "image,labels\na.png,Nodule/Mass\nb.png,No finding\nc.png,Lung lesion\n"
    table, _ = read_table(written(tmp_path, text), LabelMapping(), ("nodule_mass", "Nodule"))
    assert table["label__nodule_mass"].tolist() == [1, 0, -1] and table["label__Nodule"].tolist() == [-1, 0, -1]
